"""EC2: what Terraform reads back."""

from tests.emulator.arrangements import vpc
from tests.emulator.conftest import Client


class TestLaunchTemplates:
    def test_tags_are_the_templates_own_and_current(self, client: Client) -> None:
        """A template's tags are not its instances', and a changed tag is answered; of every template."""
        ec2 = client("ec2")
        for name in ("one", "two"):
            tags = [
                {"ResourceType": "launch-template", "Tags": [{"Key": "Name", "Value": name}]},
            ]
            data = {"InstanceType": "m7g.large"}
            ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data, TagSpecifications=tags)
        names = {"LaunchTemplateNames": ["one", "two"]}
        first, _ = ec2.describe_launch_templates(**names)["LaunchTemplates"]
        ec2.create_tags(Resources=[first["LaunchTemplateId"]], Tags=[{"Key": "Name", "Value": "changed"}])
        described = ec2.describe_launch_templates(**names)["LaunchTemplates"]
        assert [template["Tags"][0]["Value"] for template in described] == ["changed", "two"]
        (version,) = ec2.describe_launch_template_versions(LaunchTemplateName="one")["LaunchTemplateVersions"]
        assert "TagSpecifications" not in version["LaunchTemplateData"]


class TestNatGateways:
    def test_takes_its_address_and_interface_along(self, client: Client) -> None:
        """Made, it holds the elastic IP; deleted, it frees it and leaves no network interface."""
        ec2 = client("ec2")
        vpc_id, (subnet_id, _) = vpc(client, "10.36.0.0/16")
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        nat_id = ec2.create_nat_gateway(SubnetId=subnet_id, AllocationId=address)["NatGateway"]["NatGatewayId"]
        assert ec2.describe_addresses(AllocationIds=[address])["Addresses"][0]["AssociationId"]
        ec2.delete_nat_gateway(NatGatewayId=nat_id)
        assert "AssociationId" not in ec2.describe_addresses(AllocationIds=[address])["Addresses"][0]
        in_subnet = [{"Name": "subnet-id", "Values": [subnet_id]}]
        assert not ec2.describe_network_interfaces(Filters=in_subnet)["NetworkInterfaces"]


class TestDefaultKeyForEbs:
    def test_is_told(self, client: Client) -> None:
        """The alias of AWS's own key until another one is chosen, also after a first volume; then that one's ARN."""
        ec2, own = client("ec2"), "alias/aws/ebs"
        assert ec2.get_ebs_default_kms_key_id()["KmsKeyId"] == own
        volume = ec2.create_volume(AvailabilityZone="eu-west-1a", Size=1, Encrypted=True)["VolumeId"]
        ec2.delete_volume(VolumeId=volume)
        assert ec2.get_ebs_default_kms_key_id()["KmsKeyId"] == own
        key = client("kms").create_key()["KeyMetadata"]["Arn"]
        ec2.modify_ebs_default_kms_key_id(KmsKeyId=key)
        assert ec2.get_ebs_default_kms_key_id()["KmsKeyId"] == key
        ec2.modify_ebs_default_kms_key_id(KmsKeyId=own)
        assert ec2.get_ebs_default_kms_key_id()["KmsKeyId"] == own
